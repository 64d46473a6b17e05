"""What grows is kept for a while and then removed: `flows/operacao/faxina/fluxo.py` is the job."""
