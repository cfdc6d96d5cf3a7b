"""The touchscreen: the face of the house."""
