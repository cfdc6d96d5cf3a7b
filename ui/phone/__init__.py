"""The service for apps and phones: a JSON API for access tokens, and the phone page.

`serve` waits for the switch in the settings, `web` serves, `announce` answers to wattward.local.
"""
