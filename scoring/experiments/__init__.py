"""An experiment before it is paid for, and read afterwards."""
