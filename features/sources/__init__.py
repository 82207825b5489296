"""Where tables come from: files, databases, frames in memory."""
