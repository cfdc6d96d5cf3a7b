"""What Wattward knows and decides. It touches neither hardware nor a screen."""
