"""The pages, one module a subject; each module's `room` is found by itself."""
