"""The five-move journey on other systems, written as their documentation advises, so that anyone can repeat it."""
