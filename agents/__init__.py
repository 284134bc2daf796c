"""The running parts: Faust app, lanes, brokers and command line. Thin: what the club decides stands in `engine`."""
