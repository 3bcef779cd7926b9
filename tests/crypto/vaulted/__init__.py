"""An app with sealed models that exists for the vault's tests only."""
