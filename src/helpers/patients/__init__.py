"""One trial's patients: from their data to the analyses its design calls for."""
