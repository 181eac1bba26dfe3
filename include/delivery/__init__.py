"""What leaves the warehouse: the dashboard page and the workbook, read from `published` alone."""
