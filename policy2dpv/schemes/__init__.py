"""Annotated clause segments of other schemes and tools: read, anchored, mapped by tables, written.

    file --reader--> MarkedPolicy --table--> [Annotation] --relate--> [Statement] --graph--> triples

A reader knows a format, a table in ``mappings/schemes`` knows what its labels mean in DPV.
"""
