"""Programs that run inside a sandbox, by the interpreter that examples are for."""
