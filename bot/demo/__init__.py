"""The material of `digestbot demo`: posts written for it, their pictures, and the configuration of their site."""
