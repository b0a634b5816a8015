"""The API: routes that parse, call the application, and answer in JSON."""
