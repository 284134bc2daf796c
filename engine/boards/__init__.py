"""Who stands where: one lane's leaderboards, the club's boards merged of them, final boards and awards."""
