def write_layout(pages, speller): return ""
