"""What the desk knows without a database: texts, extents, the life cycle. Never Django."""
