"""Where Tiny's servers are: apart from `blocks.tiny`, which imports Prefect, because the settings name them too."""

API_URL = "https://api.tiny.com.br/public-api/v3"
ACCOUNTS_URL = "https://accounts.tiny.com.br/realms/tiny/protocol/openid-connect"
