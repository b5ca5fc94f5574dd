"""What Hexo makes of posts: the rules by which a site builds its links."""
