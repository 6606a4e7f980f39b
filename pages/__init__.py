"""The screens: one file each. They read widgets, call `carbon.portfolio`, and draw."""
