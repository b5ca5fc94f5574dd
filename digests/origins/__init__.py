"""The origins of posts: folders and git repositories."""
