"""Who owns which activity: ordered rules, applied to activity, and what they come to."""
