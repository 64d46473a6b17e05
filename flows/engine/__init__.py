"""What every sync shares and no ERP names: request, window, plan, batches, store, record."""
