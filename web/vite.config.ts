import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

const server = loadEnv('', '.', 'MILEPOST_').MILEPOST_URL ?? 'http://127.0.0.1:8420';
const proxy = { '/api': server, '/health': server };

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', manifest: true, assetsInlineLimit: 0 },
  server: { proxy },
  preview: { proxy },
});
