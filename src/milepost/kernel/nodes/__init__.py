"""One file per node type: settings, outlets, behaviour. They do not know each other."""
