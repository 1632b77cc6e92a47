"""HTTP: one router per noun, one error shape. Translates; decides nothing that `runtime` could decide."""
