"""The engine in three dimensions: patterns, off-centre and tilted hits, several cysts, a free edge."""
