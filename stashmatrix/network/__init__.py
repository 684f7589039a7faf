"""Facts from the network: one HTTP request, patience with servers, Matrix over HTTP."""
