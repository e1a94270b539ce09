//! What browsers are shown: the page to try the chain, and the documentation of the API.
