"""What `digestbot demo` needs: posts written for it, with their pictures, and the configuration of their site."""
