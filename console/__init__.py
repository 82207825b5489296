"""The web application for those who act: it reads what other commands wrote, and keeps what people decide."""
