"""The words, numbers and units that all surfaces share, in English and German."""
