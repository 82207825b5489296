"""The value of running subscriptions: a landmark hazard by cause, its tail, money by month."""
