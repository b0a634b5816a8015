"""Sources: how each silo's records become events, facts and relations."""
