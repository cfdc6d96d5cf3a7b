"""Reports as files: PDF for people, CSV and XLSX for programs, and their monthly delivery."""
