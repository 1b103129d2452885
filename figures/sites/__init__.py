"""Pictures of mixing matrices of others, site by site."""
