"""PowerPoint: slides with charts that can be edited, made with python-pptx.

`deck` is the empty presentation in the house's look, `chart` the native chart with its data `sheet`, `rows` lays
chart and table out together; `question_deck` and `claims_deck` say what is on which slide.
"""
