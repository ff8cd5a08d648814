"""From what was handed in to submissions: folders, archives, notebooks, scripts."""
