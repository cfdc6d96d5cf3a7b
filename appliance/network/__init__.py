"""The appliance in its network: addresses now, Wi-Fi and services later."""
