"""JSON-RPC over HTTP: one module a namespace, one function a method."""
