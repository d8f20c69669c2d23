"""The same synthesis, many times over: does the answer hang on one study, or on what is missing?

Arrays in, small results out; knows nothing of studies, files or pages. One exception: a multiverse chooses which
studies enter, so it starts from a Question.
"""
