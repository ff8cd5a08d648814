"""The page where people mark."""
