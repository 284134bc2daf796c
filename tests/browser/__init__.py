"""The dashboard in a real browser: Debian's Chromium, driven by its chromedriver over W3C WebDriver."""
