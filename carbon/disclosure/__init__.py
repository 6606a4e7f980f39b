"""What is handed over: one content model, printed as PDF, workbook, JSON and CSV.

`content.content` says what a report holds; `pdf.pdf`, `workbook.workbook` and `data` only print
it, so that no two of them can disagree.
"""
