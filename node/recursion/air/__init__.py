"""The circuit language: a chip is a table, its equations, and the messages its rows exchange."""
