"""What Haven is measured against: the same records without secrets, and as a Fernet field package keeps them."""
