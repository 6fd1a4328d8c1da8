"""The clinic's app under load: answers, weights, searches, and what a killed server keeps."""
