//! What a person sees. Knows the words in `api`; knows nothing of networks or tensors.
