"""Who may see and change settings: device key, PIN, throttle, web window and accounts."""
